/**
 * Our robot in its room, written in MuJoCo's MJCF with primitives only: a humanoid upper body on a base that drives and
 * turns, a head that nods and carries the camera, a right arm with 7 joints (shoulder 3, elbow 1, wrist 3) and a
 * gripper of two fingers; before it a table, all around it a floor. Metres, kilograms, radians.
 *
 * The robot's frame lies on the floor below the middle of the base: x forward, y left, z up. With all joints at zero
 * the robot stands at the world's origin and the arm hangs down. The site `hand` lies between the fingertips: its z
 * points from them back to the wrist, its y is the direction in which they close. A hand that reaches straight down has
 * the identity as its rotation.
 *
 * Collision classes, in bits of `contype`: 1 objects, 2 the arm, 4 the body. Gravity is compensated in the robot, so
 * that its joints hold their targets.
 */
export const robotMjcf = `<mujoco model="visuomotor">
  <compiler angle="radian" autolimits="true"/>
  <option timestep="0.004" integrator="implicitfast" cone="elliptic" impratio="10" iterations="20"/>
  <default>
    <default class="body"><geom contype="4" conaffinity="2" rgba=".86 .88 .9 1" density="300"/></default>
    <default class="arm">
      <geom contype="2" conaffinity="0" rgba=".82 .84 .87 1" density="300" friction="1.2 .02 .001"/>
      <joint damping="2" armature=".05"/>
      <position kp="800" dampratio="1" forcerange="-150 150"/>
    </default>
    <default class="look"><geom contype="0" conaffinity="0" density="0" rgba=".16 .18 .22 1"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="0 0 .1" contype="0" conaffinity="1" rgba=".58 .57 .55 1"/>
    <body name="table" pos=".55 0 0">
      <geom name="tabletop" type="box" size=".28 .42 .02" pos="0 0 .7" contype="0" conaffinity="3" rgba=".80 .68 .52 1"/>
      <geom type="box" size=".02 .02 .34" pos=".24 .38 .34" contype="0" conaffinity="3" rgba=".55 .44 .32 1"/>
      <geom type="box" size=".02 .02 .34" pos=".24 -.38 .34" contype="0" conaffinity="3" rgba=".55 .44 .32 1"/>
      <geom type="box" size=".02 .02 .34" pos="-.24 .38 .34" contype="0" conaffinity="3" rgba=".55 .44 .32 1"/>
      <geom type="box" size=".02 .02 .34" pos="-.24 -.38 .34" contype="0" conaffinity="3" rgba=".55 .44 .32 1"/>
    </body>
    <body name="base" childclass="body" gravcomp="1">
      <joint name="base_x" type="slide" axis="1 0 0" damping="5"/>
      <joint name="base_y" type="slide" axis="0 1 0" damping="5"/>
      <joint name="base_yaw" type="hinge" axis="0 0 1" damping="5"/>
      <geom type="cylinder" size=".19 .07" pos="0 0 .12" rgba=".24 .27 .32 1"/>
      <geom type="cylinder" size=".06 .04" pos="0 .17 .06" quat=".7071 .7071 0 0" class="look"/>
      <geom type="cylinder" size=".06 .04" pos="0 -.17 .06" quat=".7071 .7071 0 0" class="look"/>
      <geom type="capsule" size=".06" fromto="-.06 0 .2 -.12 0 .8"/>
      <geom type="ellipsoid" size=".08 .125 .2" pos="-.11 0 .97"/>
      <geom type="capsule" size=".035" fromto="-.08 0 1.1 0 0 1.22"/>
      <geom type="capsule" size=".035" fromto="-.06 .19 1.1 -.12 .25 .85"/>
      <geom type="capsule" size=".03" fromto="-.12 .25 .85 .05 .27 .68"/>
      <body name="head" pos="0 0 1.25" gravcomp="1">
        <joint name="head_pitch" type="hinge" axis="0 1 0" range="-.6 1.4" damping="1" armature=".02"/>
        <geom type="ellipsoid" size=".08 .075 .1" pos="0 0 .05"/>
        <geom type="sphere" size=".018" pos=".07 .03 .06" class="look"/>
        <geom type="sphere" size=".018" pos=".07 -.03 .06" class="look"/>
        <camera name="head" pos=".1 0 .06" xyaxes="0 -1 0 0 0 1" fovy="50"/>
      </body>
      <body name="shoulder" childclass="arm" pos=".04 -.22 1.15" gravcomp="1">
        <joint name="shoulder_pitch" axis="0 -1 0" range="-1 2.6"/>
        <geom type="sphere" size=".055" contype="0"/>
        <body name="shoulder_side" gravcomp="1">
          <joint name="shoulder_roll" axis="1 0 0" range="-1.9 1.5"/>
          <geom type="sphere" size=".045" contype="0"/>
          <body name="upper_arm" gravcomp="1">
            <joint name="shoulder_yaw" axis="0 0 1" range="-1.9 1.9"/>
            <geom type="capsule" size=".042" fromto="0 0 -.07 0 0 -.35"/>
            <body name="forearm" pos="0 0 -.39" gravcomp="1">
              <joint name="elbow" axis="0 -1 0" range=".05 2.6"/>
              <geom type="sphere" size=".045" rgba=".24 .27 .32 1"/>
              <geom type="capsule" size=".035" fromto="0 0 -.04 0 0 -.34"/>
              <body name="wrist" pos="0 0 -.38" gravcomp="1">
                <joint name="wrist_yaw" axis="0 0 1" range="-2.6 2.6"/>
                <geom type="sphere" size=".034" rgba=".24 .27 .32 1"/>
                <body name="wrist_bend" gravcomp="1">
                  <joint name="wrist_pitch" axis="0 -1 0" range="-2.2 1.6"/>
                  <geom type="sphere" size=".03"/>
                  <body name="hand" gravcomp="1">
                    <joint name="wrist_roll" axis="1 0 0" range="-2 2"/>
                    <geom type="box" size=".025 .06 .02" pos="0 0 -.055" rgba=".24 .27 .32 1"/>
                    <site name="hand" pos="0 0 -.14"/>
                    <body name="left_finger" pos="0 .012 -.115" gravcomp="1">
                      <joint name="left_finger" type="slide" axis="0 1 0" range="0 .045" damping="5"/>
                      <geom type="box" size=".012 .007 .04"/>
                    </body>
                    <body name="right_finger" pos="0 -.012 -.115" gravcomp="1">
                      <joint name="right_finger" type="slide" axis="0 -1 0" range="0 .045" damping="5"/>
                      <geom type="box" size=".012 .007 .04"/>
                    </body>
                  </body>
                </body>
              </body>
            </body>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <velocity name="base_x" joint="base_x" kv="2000"/>
    <velocity name="base_y" joint="base_y" kv="2000"/>
    <velocity name="base_yaw" joint="base_yaw" kv="500"/>
    <position name="head_pitch" joint="head_pitch" kp="40" dampratio="1"/>
    <position name="shoulder_pitch" joint="shoulder_pitch" class="arm"/>
    <position name="shoulder_roll" joint="shoulder_roll" class="arm"/>
    <position name="shoulder_yaw" joint="shoulder_yaw" class="arm"/>
    <position name="elbow" joint="elbow" class="arm"/>
    <position name="wrist_yaw" joint="wrist_yaw" class="arm"/>
    <position name="wrist_pitch" joint="wrist_pitch" class="arm"/>
    <position name="wrist_roll" joint="wrist_roll" class="arm"/>
    <position name="left_finger" joint="left_finger" kp="400" dampratio="1" forcerange="-20 20"/>
    <position name="right_finger" joint="right_finger" kp="400" dampratio="1" forcerange="-20 20"/>
  </actuator>
</mujoco>
`
